"""Steps that touch two models or write an audit entry."""
