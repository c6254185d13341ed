"""What `quota` shows and sends: limits, awards, idle and low use, recalls, forecasts, alarms.

Not here: how limits stand (billing/quota).
Entry: `limits_view.limits_of_day`, `alarm_messages.send_alarms`.
"""
