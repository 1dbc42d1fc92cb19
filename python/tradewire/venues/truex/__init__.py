"""TrueX, the CeFi venue of True Markets."""
