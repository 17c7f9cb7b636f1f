"""What the API server accepts and what still cannot work: a judge for each kind of mistake.

Judges look at whole objects of the snapshot's store. What a controller made is not judged beside
its controller: the mistake is to be put right there.
"""
