"""The commands of those who keep the site running: copies of it, and its own log.

Not here: what is done every night or month (jeongsan), and what is shown (reports/operations).
Entry: `copies.commands`, `watch.commands`.
"""
