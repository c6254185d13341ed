"""The steps by which the database got its shape; each is written once and never edited."""
