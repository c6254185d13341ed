"""A site's backups: what a database names, copied by digest, and a site made of it again.

Not here: mending single files (verify), and the copy of one month (verify/copy_month).
Entry: `backup_site.backup_site`, `restore_site.restore_site`.
"""
