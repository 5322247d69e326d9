MARK = "found in a layer"
