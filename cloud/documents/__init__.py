"""Where head office's documents live: one small interface, Firestore and SQLite behind it."""
