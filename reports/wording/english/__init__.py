"""How each Korean text of a finding reads in English: a module a stage, Korean template by English
template, with named places for values. The Korean text is the record and stays.

Not here: how a text is recognised and shown (shown_text), what errors say in Korean (messages).
Entry: `usage_findings.MESSAGES`, and so each module.
"""
