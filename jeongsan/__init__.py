"""정산 (Jeongsan), the command line: a module a group of commands. It reads, calls and shows.

Not here: deciding anything (billing), and drawing what is shown (reports).
Entry: `jeongsan.app.main`.
"""
