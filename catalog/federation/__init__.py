"""What records of other catalogues become here; nothing is fetched or signed.

`take_over` keeps what a visit brings (`arriving`, `accepted_fields`). `received_rows` makes rows of it: `clusters`
joins records by the evidence of `identity`, `suggesting` notes what a person must decide. `offering` and
`received_offers` are translations in both directions.
"""
