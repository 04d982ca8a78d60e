"""Models on their way out: adapters merged into their base, GGUF files, Modelfiles of Ollama, repositories of a hub."""
