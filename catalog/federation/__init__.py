"""What records of other catalogues become here; nothing is fetched or signed.

`take_over` keeps what a visit brings, as far as our rules accept it (`accepted_fields`).
`received_rows` makes rows of it: `clusters` joins records by the evidence of `identity`.
"""
