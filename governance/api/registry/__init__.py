"""REST door of the registry: places and ties for staff, the own dwellings of whoever is signed in, looking up one."""
