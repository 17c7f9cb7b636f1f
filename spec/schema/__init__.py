"""What an object must look like: the published schema of its kind, or its own definition.

`field_shapes` says what a value must look like and finds what does not. `published_kinds` makes
shapes of the OpenAPI definitions that Kubernetes publishes, `custom_kinds` of the
CustomResourceDefinitions of the input, `served_versions` knows the API versions that are gone.
`schema_judge` asks them about every object of a snapshot.
"""
