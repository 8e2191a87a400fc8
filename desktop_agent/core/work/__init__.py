"""Taking tasks, computing them, delivering results, giving leases back."""
