"""What every other part of the store needs: the connection, the change counter, jobs, limits, visibility conditions
and the models that readers get.
"""
