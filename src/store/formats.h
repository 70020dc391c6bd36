/* The metadata "format" of each kind of model file. */
#ifndef DSC_STORE_FORMATS_H
#define DSC_STORE_FORMATS_H

#define DSC_FORMAT_RECOMMENDER "descent-recommender"
#define DSC_FORMAT_PREDICTOR   "descent-predictor"
#define DSC_FORMAT_NETWORK     "descent-network"

#endif
