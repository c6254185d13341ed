"""What operators and their programs read: backups, health, metrics.

Not here: what a person has to decide about a month (readiness).
Entry: `backup_view.show_backup`, `health.vitals`, `metrics.exposition`.
"""
