"""The command line of the fake Ollama."""

from __future__ import annotations

import argparse


def read_arguments() -> argparse.Namespace:
    """Read them."""
    parser = argparse.ArgumentParser(description="A fake Ollama.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--ms-per-text", type=float, default=0.0)
    parser.add_argument("--ms-per-call", type=float, default=0.0)
    parser.add_argument("--ollama-version", default="0.33.0")
    parser.add_argument("--model", type=_full_name, default="nomic-embed-text:latest")
    parser.add_argument("--dimensions", type=int, default=768)
    parser.add_argument("--num-ctx", type=int, default=2048)
    parser.add_argument("--chat-model", default="", help="a model that chats, beside the one that embeds")
    parser.add_argument("--ms-per-token", type=float, default=0.0)
    parser.add_argument("--ms-to-load", type=float, default=0.0, help="what a call takes longer that loads its model")
    parser.add_argument("--on-processor", action="store_true", help="no model is on the graphics card")
    parser.add_argument("--ms-per-pull-line", type=float, default=0.0, help="between two lines of a download")
    parser.add_argument("--hang", action="store_true", help="accept connections, and never answer")
    return parser.parse_args()


def _full_name(name: str) -> str:
    return name if ":" in name else f"{name}:latest"
