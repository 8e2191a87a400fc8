"""The pages: what people see in a browser. Everything else the server answers is for programs."""
