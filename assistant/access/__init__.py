"""Who may use the pages of clerks and admins: accounts, passwords, tries, and the log of who did what."""
