"""What every other part of the store needs: connections, the change counter, jobs, rate limits, visibility conditions
and read models.
"""
