"""A catalog as people look at it: by the names that they type, as trees and as pages."""
