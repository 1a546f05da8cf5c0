"""Follow-up: visits after an agreement, and counselling (回访、心理疏导)."""
