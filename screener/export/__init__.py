"""Export: what people sent, verbatim, in order of arrival, in files that can prove that they are whole."""
