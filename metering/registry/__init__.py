"""Who owns which account, project, device and award, and from when to when.

Not here: storing the registry (site), and what a programme pays for it (billing).
Entry: `registry.read_registry`.
"""
