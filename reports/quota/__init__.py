"""What `quota` shows and tells: limits, awards, idle and low use, recalls, forecasts, alarms.

Not here: how limits stand (billing/quota).
Entry: `limits_view.board`.
"""
