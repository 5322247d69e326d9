# A module of the layer.
