"""The contenders: what people use today, and the best a skilled author would glue."""
