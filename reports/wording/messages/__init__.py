"""How each English message reads in Korean: a module a part of the program, English template by
Korean template, with named places for values. The English text is the record and stays.

Not here: how a text is recognised and shown (shown_text).
Entry: `commands.MESSAGES`, `rules.MESSAGES`, and so each module.
"""
