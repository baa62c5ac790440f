"""Officers and the model, a part of the section on what became of the decisions."""
