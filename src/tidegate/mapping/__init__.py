"""The translator: policy makes candidates of STIX indicators, or rejections that say why. Pure."""
