"""A student behind an address, and under its edit memories.

`edited` answers single questions under one memory, for the registry and the evaluation of edits; `student` does so for
chats and several memories. `chat_request` and `chat_reply` speak OpenAI's words, `batching` answers clients together,
`app` is the HTTP side. Before it stands the `gate`: `access`, `limits`, `json_shape`; `connection` and `ending` give up
clients that do not move. `server` runs all until a signal ends it, `invocations` answers MLflow's own server.
"""
