"""Rate limits: tiers, windows, and the counters behind them."""
