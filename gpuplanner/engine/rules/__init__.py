"""What practice says, beside the engine: rules of thumb, guard rails, tables and questions that customers ask."""
