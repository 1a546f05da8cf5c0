"""Sign-in of residents: who somebody is (identity providers), their account, and their sessions.

django-allauth does the code flow, the sign-in and the list of sessions; this package decides who may come in that way,
sends the codes, and answers in the product's own words. Staff sign in at the admin with their password instead: a text
message or a WeChat account never opens a staff account (docs/decisions/0008-residents-sign-in.md).
"""
