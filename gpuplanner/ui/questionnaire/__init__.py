"""The questionnaire: plain questions to a customer that end in a filled form and in a sheet of paper."""
