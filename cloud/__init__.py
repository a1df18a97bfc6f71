"""The head office's side: applies what stores say to documents, and shows them."""
