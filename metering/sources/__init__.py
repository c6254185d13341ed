"""Sources: each kind reads its inputs into batches of rows, a folder a kind.

Not here: what site.toml may say of a source (settings), and putting rows into the lake (collect).
Entry: `read.read`, and `ask_once.ask_once` for who only wants to know whether it can be read.
"""
