"""The generated world: organizations, people, deals and conversations, and the truth about who is who."""
