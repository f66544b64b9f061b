"""Databases that speak SQL: one reader, and a dialect for each of them.

A dialect says with which statements the system catalogues are read, and which of OpenMetadata's
data types each type of the database is.
"""
