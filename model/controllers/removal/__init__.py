"""Controllers that take pods away: taints, budgets of disruptions, nodes that are gone."""
