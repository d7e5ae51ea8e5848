"""Who owes a report and is told so: by mail, by a letter sheet, by words for LINE or FAX, in a calendar."""
