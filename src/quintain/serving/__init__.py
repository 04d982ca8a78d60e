"""A student behind an address: OpenAI's chat completions over the same generate path as everything else.

`student` puts a model under its edit memories, `chat_request` reads what a client asks, `batching` answers clients
together, `app` is the HTTP side, `server` runs it until a signal ends it.
"""
