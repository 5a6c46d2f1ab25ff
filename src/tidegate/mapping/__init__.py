"""The translator: policy turns STIX indicators into candidates, or rejections that say why. Pure."""
