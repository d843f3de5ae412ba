"""Files that leave our walls: what people sent, verbatim, in order of arrival, with the proof of being whole."""
