"""Chinese texts sorted under labels: pure statistics, texts and arrays in, figures out; knows no model of ours.

terms      a text as counted terms under hashed keys
model      what was learnt: probabilities of a text; numpy alone, a few milliseconds
artefact   a model as bytes and back, without pickle
training   learning and cross-validation with scikit-learn; imported only by what trains
figures    accuracy, F1, confusion, and how much could be decided alone at a stated precision
"""
