"""What is done for an estate: service lists and their fulfilment, the property company's contract, repairs, parcels,
care visits."""
