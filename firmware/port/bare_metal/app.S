/* The app that is linked into the firmware, if the build names one: ROSEHIP_APP is the path of its module. */
  .section .rodata.factory_app, "a"
  .global factory_app
  .global factory_app_end
  .balign 8
factory_app:
#ifdef ROSEHIP_APP
  .incbin ROSEHIP_APP
#endif
factory_app_end:
