# The same names as ./run, for those whose fingers type make.
.PHONY: demo start test check bench lock
demo start test check bench lock:
	@./run $@
