"""What requests and answers look like, as pydantic models: the OpenAPI document is made of them, nothing else is."""
