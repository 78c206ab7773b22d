"""“Ask the Partnerships”: who may do what, forms, screens, public pages."""
