"""What lives as long as the program: it follows its owner, decides, and runs the agent of a membership."""
